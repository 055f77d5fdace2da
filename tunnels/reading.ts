import { AddressBook } from "./address/address-book.js";
import { checkGatewayDocument, checkTogether, checkTunnelDocument } from "./check/check.js";
import { type Ledger, newLedger, type TenantScope } from "./check/ledger.js";
import { Problems } from "./check/problems.js";
import { portIndexes } from "./compile.js";
import { TenantCompiler } from "./compile-tenants.js";
import { type JsonDocument, readJsonDocument } from "./json/document.js";
import { listTunnelFiles } from "./list-tunnel-files.js";
import { NextHops } from "./next-hops.js";
import type { GatewayFile } from "./schema/gateway.js";
import type { Tenant } from "./schema/tenant.js";

/** What is done one after the other; `read` includes the parsing. */
export type LoadStage = "read" | "check" | "compile" | "sum up";

/** A tunnel file, and where its tenants are in the table. */
export interface Part {
  readonly document: JsonDocument;
  /** Index of the first. */
  readonly tenant: number;
  readonly tenants: number;
}

/**
 * Reads, checks and compiles tunnel files one by one: the values of a file are let go of before
 * the next one is read, and what all files claim is kept.
 */
export class Reading {
  readonly problems = new Problems();
  readonly addresses = new AddressBook();
  readonly ledger: Ledger = newLedger();
  readonly hops = new NextHops();
  readonly gateway: JsonDocument;
  /** The tunnel files. */
  readonly files: readonly string[];
  /** Those that were read, by name, in order. */
  readonly parts = new Map<string, Part>();
  readonly scope: TenantScope;
  private readonly onStage: (stage: LoadStage) => void;
  /** Undefined once there is an error: nothing is made of the rest then. */
  private compiler: TenantCompiler | undefined;

  constructor(gateway: JsonDocument, onStage: (stage: LoadStage) => void = () => undefined) {
    const { problems, addresses, ledger } = this;
    this.onStage = onStage;
    this.gateway = gateway;
    this.files = listTunnelFiles(gateway, problems);
    const ports = checkGatewayDocument(gateway, { problems, addresses });
    this.scope = { problems, addresses, ledger, ports };
    this.compiler = this.isValid(gateway)
      ? new TenantCompiler(portIndexes(gateway.value as GatewayFile), addresses, this.hops)
      : undefined;
  }

  /** The gateway file, then the tunnel files that were read. */
  get documents(): JsonDocument[] {
    return [this.gateway, ...[...this.parts.values()].map(({ document }) => document)];
  }

  /** Undefined where there are errors. */
  readAll(): TenantCompiler | undefined {
    for (const file of this.files) {
      this.readOne(file);
    }
    this.onStage("check");
    checkTogether(this.scope);
    return this.problems.hasErrors ? undefined : this.compiler;
  }

  private readOne(file: string): void {
    this.onStage("read");
    const document = readJsonDocument(file);
    this.onStage("check");
    const drafts = checkTunnelDocument(document, this.scope);
    const tenant = this.compiler?.tenants.length ?? 0;
    this.parts.set(file, { document, tenant, tenants: drafts.length });
    this.onStage("compile");
    if (!this.isValid(document)) {
      this.compiler = undefined;
    }
    for (const draft of drafts) {
      // Without an error nothing was taken out of it.
      this.compiler?.add(draft as Tenant);
    }
    document.value = undefined;
  }

  private isValid({ problems }: JsonDocument): boolean {
    return problems.length === 0 && !this.problems.hasErrors;
  }
}
