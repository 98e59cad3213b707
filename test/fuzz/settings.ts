/** Settings with every limit out of the way, so that inputs come as far as they can. */
const WINDOWS = ['CLIENT', 'USER', 'WRITE', 'SEARCH', 'OTHER', 'SIGN_IN'];

export const FUZZ_LIMITS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(WINDOWS.map((name) => [`LIMIT_${name}`, '10000/1'])),
  LIMIT_CONCURRENT: '1000',
};
