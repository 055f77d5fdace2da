import { createServer, type Server, type Socket } from "node:net";
import type { RunResult } from "./namespace.js";

/** How much later than the guest itself this end gives a command up. */
const graceMs = 10_000;

type Answer = RunResult | Error;

/**
 * The near end of a guest's virtio serial port, where commands go in and answers come out, a line
 * each; the guest's init is the far end, and describes the lines. Many commands may run at once.
 */
export class QemuAgent {
  readonly #open = new Map<number, (answer: Answer) => void>();
  #socket: Socket | undefined;
  #isReady = false;
  #rest = "";
  #count = 0;

  private constructor(private readonly server: Server) {
    server.on("connection", (socket) => this.#connect(socket));
  }

  /** Listens on a Unix socket, to which QEMU connects the port. */
  static async listen(path: string): Promise<QemuAgent> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(path, resolve);
    });
    return new QemuAgent(server);
  }

  /** The guest has booted and takes commands. */
  get isReady(): boolean {
    return this.#isReady;
  }

  close(): void {
    this.server.close();
    this.#socket?.destroy();
  }

  /** Runs a shell script in the guest to its end. @throws {Error} when no answer comes. */
  run(script: string, timeoutMs: number): Promise<RunResult> {
    const number = ++this.#count;
    return new Promise((resolve, reject) => {
      const timeUp = (): void => this.#settle(number, new Error("the guest gives no answer"));
      const timer = setTimeout(timeUp, timeoutMs + graceMs);
      this.#open.set(number, (answer) => {
        clearTimeout(timer);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      });
      if (this.#socket === undefined) this.#settle(number, new Error("there is no guest"));
      const encoded = Buffer.from(script).toString("base64");
      this.#socket?.write(`${number} ${Math.ceil(timeoutMs / 1000)} ${encoded}\n`);
    });
  }

  #connect(socket: Socket): void {
    this.#socket = socket;
    socket.setEncoding("latin1").on("data", (text: string) => this.#read(text));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#socket = undefined;
      for (const number of [...this.#open.keys()]) {
        this.#settle(number, new Error("the guest has ended"));
      }
    });
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const [number, exitCode, stdout, stderr] = line.split(" ");
      if (number === "ready") this.#isReady = true;
      const answer = { exitCode: Number(exitCode), stdout: decode(stdout), stderr: decode(stderr) };
      this.#settle(Number(number), answer);
    }
  }

  #settle(number: number, answer: Answer): void {
    const settle = this.#open.get(number);
    this.#open.delete(number);
    settle?.(answer);
  }
}

function decode(base64 = ""): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
