/** What can be made to fail around the gate. Chances are from 0 to 1. */
export interface Faults {
  /** A batch to D1 fails before anything of it happens. */
  readonly d1Fails: number;
  /** A batch to D1 is committed and its answer lost. */
  readonly d1Loses: number;
  /** How long a batch to D1 takes besides, in milliseconds. */
  readonly d1SlowMs: number;
  /** An alarm fails before our code runs. */
  readonly alarmsFail: number;
  /** An answer of a gate or a Writer is lost after it was committed. */
  readonly losesAnswers: number;
  /** An object ends after it answered, in the middle of whatever else it does. */
  readonly aborts: number;
  /** How far the clock is from the true one, in milliseconds. */
  readonly clockMs: number;
}

export const NO_FAULTS: Faults = {
  d1Fails: 0,
  d1Loses: 0,
  d1SlowMs: 0,
  alarmsFail: 0,
  losesAnswers: 0,
  aborts: 0,
  clockMs: 0,
};

/** What the Worker says of itself. */
export interface Observed {
  /** Statements that Writers sent to D1 since it was started. */
  readonly statements: number;
  /** Records that wait in the gates that were asked for. */
  readonly waiting: number;
}
