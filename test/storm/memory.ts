/** Whether memory stays flat. Read once a second from /proc: what the kernel counts as workerd's resident set. */
import { residentBytes } from '../bench/proc.ts';

export interface MemoryWatch {
  /** Bytes, one a second, oldest first. */
  readonly samples: readonly number[];
  stop(): void;
}

export function watchMemory(pid: number): MemoryWatch {
  const samples: number[] = [];
  const timer = setInterval(() => {
    residentBytes(pid).then(
      (bytes) => samples.push(bytes),
      () => undefined,
    );
  }, 1000);
  return { samples, stop: () => clearInterval(timer) };
}

/**
 * In: samples over time. Out: bytes at the middle of the run and at its end, each as the least of a fifth of the samples:
 * between two collections a heap grows, and only what stays after one is kept. Undefined of fewer than ten.
 */
export function growth(samples: readonly number[]): { middle: number; end: number } | undefined {
  const fifth = Math.floor(samples.length / 5);
  if (fifth < 2) return undefined;
  const least = (from: number) => Math.min(...samples.slice(from, from + fifth));
  return { middle: least(2 * fifth), end: least(samples.length - fifth) };
}
