import { chmodSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ListenAddress } from "../../tunnels/check/listen.js";
import { isTopic, type Shown, showDocument, topicNames } from "../show/documents.js";
import { statusDocument } from "../show/status.js";
import { clearSocketPath, socketFailure } from "./socket-file.js";

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
 * @throws {CommandFailure} when a program listens there already, or the socket cannot be made.
 */
export async function listenOnSocket(path: string, subject: Subject): Promise<Listener> {
  const server = createServer((request, response) => respond(subject, request, response));
  try {
    await clearSocketPath(path);
    await listening(server, () => server.listen(path));
    chmodSync(path, 0o660);
  } catch (error) {
    throw socketFailure(path, error);
  }
  return closer(server);
}

/** The same answers, read-only, over HTTP. */
export async function listenOnHttp(address: ListenAddress, subject: Subject): Promise<Listener> {
  const server = createServer((request, response) => respond(subject, request, response));
  await listening(server, () => server.listen(address.port, address.host));
  return closer(server);
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
