/** Settings with every limit out of the way, so that inputs come as far as they can. */
const WINDOWS = ['CLIENT', 'USER', 'WRITE', 'SEARCH', 'OTHER', 'SIGN_IN'];

export const FUZZ_LIMITS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(WINDOWS.map((name) => [`LIMIT_${name}`, '10000/1'])),
  LIMIT_CONCURRENT: '1000',
};

/** Of the metrics and of the audit's routes. */
export const FUZZ_TOKENS = ['metrics-token-of-the-fuzz', 'audit-token-of-the-fuzz-32-characters'] as const;

/** The same with everything switched on that there is to reach, for the embedded GitHub's people. */
export const FUZZ_SETTINGS: Readonly<Record<string, string>> = {
  ...FUZZ_LIMITS,
  ADMINS: 'octocat',
  METRICS_TOKEN: FUZZ_TOKENS[0],
  AUDIT_TOKEN: FUZZ_TOKENS[1],
};
