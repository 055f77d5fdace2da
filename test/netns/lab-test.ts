import { type TestContext, test } from "node:test";
import { missingCapabilities } from "../../deploy/lab/capabilities.js";
import { type Lab, withLab } from "../../deploy/lab/lab.js";

const missing = await missingCapabilities();
if (missing.length > 0) {
  process.stderr.write(`SKIPPED, this machine cannot run it:\n  - ${missing.join("\n  - ")}\n`);
}

/**
 * A test with a lab of its own. Where none can be built it is skipped, and says why; `lacks` names
 * what else this one test misses. When its time is over it fails.
 */
export function labTest(
  name: string,
  body: (lab: Lab, context: TestContext) => Promise<void>,
  lacks: readonly string[] = [],
  timeoutMs = 120_000,
): void {
  const reasons = [...missing, ...lacks];
  const skip = reasons.length > 0 && reasons.join("; ");
  const runInLab = (lab: Lab, context: TestContext): Promise<void> => {
    // A test whose time is over goes on running; without its lab it comes to an end.
    context.signal.addEventListener("abort", () => lab.close());
    return body(lab, context);
  };
  void test(name, { skip, timeout: timeoutMs }, (context) =>
    withLab((lab) => runInLab(lab, context)),
  );
}
