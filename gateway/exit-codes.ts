/** Exit codes of `adit`; a public contract. */
export const exitCode = {
  done: 0,
  /** Failed, or unhealthy. */
  failed: 1,
  wrongUsage: 2,
  configurationInvalid: 3,
  daemonNotReachable: 4,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
