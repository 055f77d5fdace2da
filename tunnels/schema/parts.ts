import { type TSchema, type TUnsafe, Type } from "@sinclair/typebox";

/** An object that takes the listed keys and no others. */
export const closed = { additionalProperties: false } as const;

/** One of a few words. */
export function choice<const T extends readonly [string, ...string[]]>(
  words: T,
  options: { readonly description?: string; readonly default?: T[number] } = {},
): TUnsafe<T[number]> {
  return Type.Unsafe<T[number]>({ type: "string", enum: words, ...options });
}

/** A whole number in a range. */
export function whole(minimum: number, maximum: number, description?: string) {
  return Type.Integer({ minimum, maximum, ...(description === undefined ? {} : { description }) });
}

/** A list of one entry or more. */
export function someOf<T extends TSchema>(items: T, description?: string) {
  return Type.Array(items, { minItems: 1, ...(description === undefined ? {} : { description }) });
}

/** Titles tell the error mapper which kind of text a pattern describes. */
export const TEXT_KINDS = {
  name: "name",
  portName: "port name",
  interfaceName: "interface name",
  mac: "MAC address",
} as const;

/** A tenant, member or service: letters, digits and `. _ : @ + -` and spaces inside. */
export function name(description: string) {
  return Type.String({
    title: TEXT_KINDS.name,
    pattern: "^[\\p{L}\\p{N}]([\\p{L}\\p{M}\\p{N} ._:@+-]*[\\p{L}\\p{M}\\p{N}._:@+-])?$",
    maxLength: 64,
    description,
  });
}

/** A port: also the first part of the file names that `replay` writes. */
export const PortName = Type.String({
  title: TEXT_KINDS.portName,
  pattern: "^(?!.*\\.kernel$)[A-Za-z0-9][A-Za-z0-9._-]*$",
  maxLength: 64,
  description: "The name that tunnel files and commands use.",
});

export const InterfaceName = Type.String({
  title: TEXT_KINDS.interfaceName,
  pattern: "^(?!\\.\\.?$)[^\\s/:\\u0000-\\u001f\\u007f]+$",
  maxLength: 15,
  description: "Linux interface. Not opened by `replay`, `explain` and `validate`.",
});

export function mac(description: string) {
  return Type.String({
    title: TEXT_KINDS.mac,
    pattern: "^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$",
    description,
  });
}

export function address(description: string) {
  return Type.String({ title: "IP address", maxLength: 64, description });
}

export function prefix(description: string) {
  return Type.String({ title: "IP prefix", maxLength: 64, description });
}

/** A reference to a port of the gateway file or a member of the tenant. */
export function reference(description: string) {
  return Type.String({ title: "reference", minLength: 1, maxLength: 64, description });
}

/** IP MTU, bytes of IP packet. */
export function ipMtu(description: string) {
  return whole(576, 65535, description);
}

export const SchemaKey = Type.Optional(
  Type.String({ description: "Where an editor finds this schema; not used by the program." }),
);
