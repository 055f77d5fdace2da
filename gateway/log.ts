import { type Logger, pino, stdTimeFunctions } from "pino";
import type { LogLevel } from "../tunnels/index.js";

/** JSON lines on stdout: level and time as text, the sentence in `msg`. */
export function createLogger(level: LogLevel): Logger {
  return pino({
    level,
    base: { svc: "adit" },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
