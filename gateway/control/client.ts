import { request } from "node:http";
import { CommandFailure } from "../command-failure.js";
import { exitCode } from "../exit-codes.js";

/** An answer takes longer only when the daemon hangs. */
const timeoutMs = 5000;

/**
 * Asks the daemon at a control socket for one document.
 *
 * @throws {CommandFailure} with exit code 4 when nobody answers, 1 when the daemon refuses.
 */
export function ask(socket: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: socket, path, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new CommandFailure(`the daemon answers: ${text.trim()}`, exitCode.failed));
      });
    });
    call.on("timeout", () => call.destroy(new Error(`no answer for ${timeoutMs} ms`)));
    call.on("error", (error) => reject(notReachable(socket, error)));
    call.end();
  });
}

function notReachable(socket: string, error: Error): CommandFailure {
  return new CommandFailure(
    `no adit answers at ${socket}: ${error.message}`,
    exitCode.daemonNotReachable,
    "start it with `adit run`, or name its gateway file with -c",
  );
}
