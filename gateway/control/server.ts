import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { dirname } from "node:path";
import type { ListenAddress } from "../../tunnels/check/listen.js";
import { CommandFailure } from "../command-failure.js";
import { exitCode } from "../exit-codes.js";
import { isTopic, type Shown, showDocument, topicNames } from "../show/documents.js";
import { statusDocument } from "../show/status.js";
import { ask } from "./client.js";

/** What the daemon answers about; absent while it is starting. */
export type Subject = () => (Shown & { readonly version: string }) | undefined;

interface Answer {
  readonly code: number;
  readonly document: object;
}

/** One listener: the control socket or HTTP. */
export interface Listener {
  close(): Promise<void>;
}

/**
 * Opens the control socket, mode 0660. A socket file that a dead daemon left is replaced.
 *
 * @throws {CommandFailure} when a live daemon answers there, or the socket cannot be made.
 */
export async function listenOnSocket(path: string, subject: Subject): Promise<Listener> {
  if (await isAnswered(path)) {
    throw new CommandFailure(
      `another adit answers at ${path}`,
      exitCode.failed,
      'stop it first, or give this one its own "listen": { "control": … }',
    );
  }
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  const server = createServer((request, response) => respond(subject, request, response));
  await listening(server, () => server.listen(path));
  chmodSync(path, 0o660);
  return closer(server);
}

/** The same answers, read-only, over HTTP. */
export async function listenOnHttp(address: ListenAddress, subject: Subject): Promise<Listener> {
  const server = createServer((request, response) => respond(subject, request, response));
  await listening(server, () => server.listen(address.port, address.host));
  return closer(server);
}

async function isAnswered(path: string): Promise<boolean> {
  try {
    await ask(path, "/livez");
    return true;
  } catch {
    return false;
  }
}

function listening(server: Server, listen: () => void): Promise<void> {
  server.requestTimeout = 5000;
  server.headersTimeout = 5000;
  server.maxConnections = 64;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => resolve());
    listen();
  });
}

function closer(server: Server): Listener {
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function respond(subject: Subject, request: IncomingMessage, response: ServerResponse): void {
  const { code, document } = answer(subject, request);
  const body = `${JSON.stringify(document)}\n`;
  response.writeHead(code, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(request.method === "HEAD" ? undefined : body);
  request.resume();
}

function answer(subject: Subject, request: IncomingMessage): Answer {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return { code: 405, document: { error: "only GET and HEAD" } };
  }
  const url = new URL(request.url ?? "/", "http://adit");
  if (url.pathname === "/livez") return { code: 200, document: { live: true } };
  const shown = subject();
  if (shown === undefined) return { code: 503, document: { error: "the gateway is starting" } };
  if (url.pathname === "/readyz") {
    const status = statusDocument(shown, shown.version);
    return { code: status.healthy ? 200 : 503, document: status };
  }
  if (url.pathname === "/api/v1/status") {
    return { code: 200, document: statusDocument(shown, shown.version) };
  }
  const topic = url.pathname.slice("/api/v1/".length);
  if (!url.pathname.startsWith("/api/v1/") || !isTopic(topic)) {
    return { code: 404, document: { error: `unknown path; topics: ${topicNames.join(", ")}` } };
  }
  const name = url.searchParams.get("name") ?? undefined;
  const counters = url.searchParams.get("counters") === "1";
  return { code: 200, document: showDocument(topic, shown, name, counters) };
}
