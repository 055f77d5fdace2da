import { CommandFailure } from "../command-failure.js";
import { ask } from "../control/client.js";
import { controlSocket } from "../control/socket-path.js";
import { type ExitCode, exitCode } from "../exit-codes.js";
import { isTopic, topicNames } from "../show/documents.js";
import type { StatusDocument } from "../show/status.js";
import { showText, statusText } from "../show/text.js";

export interface DaemonOptions {
  readonly config: string;
  readonly json?: boolean;
}

export interface ShowOptions extends DaemonOptions {
  readonly counters?: boolean;
}

/** `adit show TOPIC [NAME]` */
export async function show(
  topic: string,
  name: string | undefined,
  options: ShowOptions,
): Promise<ExitCode> {
  if (!isTopic(topic)) {
    throw new CommandFailure(
      `cannot show ${topic}`,
      exitCode.wrongUsage,
      `one of: ${topicNames.join(", ")}`,
    );
  }
  const query = new URLSearchParams();
  if (name !== undefined) query.set("name", name);
  if (options.counters) query.set("counters", "1");
  const document = await ask(controlSocket(options.config), `/api/v1/${topic}?${query}`);
  process.stdout.write(options.json ? `${JSON.stringify(document)}\n` : showText(topic, document));
  return exitCode.done;
}

/** `adit status`: exit code 1 when something is not up. */
export async function status(options: DaemonOptions): Promise<ExitCode> {
  const document = (await ask(controlSocket(options.config), "/api/v1/status")) as StatusDocument;
  process.stdout.write(options.json ? `${JSON.stringify(document)}\n` : statusText(document));
  return document.healthy ? exitCode.done : exitCode.failed;
}
