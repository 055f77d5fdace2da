import { lstatSync, mkdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { CommandFailure } from "../command-failure.js";
import { exitCode } from "../exit-codes.js";

const ownSocket = 'give this one its own "listen": { "control": … }';

/**
 * Makes the folder of the control socket, and takes away the socket that a dead daemon left.
 *
 * @throws {CommandFailure} when a program listens there, also one that hangs, or when the path is
 * something else than a socket, which is nobody's to delete.
 */
export async function clearSocketPath(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new CommandFailure(
      `${path} is not a socket`,
      exitCode.failed,
      `move it, or ${ownSocket}`,
    );
  }
  if (await isListenedTo(path)) {
    throw new CommandFailure(
      `another adit listens at ${path}`,
      exitCode.failed,
      `stop it first, or ${ownSocket}`,
    );
  }
  rmSync(path, { force: true });
}

/** The failure that names the path, for what the system refused. */
export function socketFailure(path: string, error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new CommandFailure(
    `cannot make the control socket ${path}: ${why}`,
    exitCode.failed,
    'give "listen": { "control": … } a path of at most 107 bytes in a folder that may be written',
  );
}

/** The kernel answers for the program: refused when nobody holds the socket open any more. */
function isListenedTo(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "ECONNREFUSED"));
  });
}
