/**
 * A document from which everything that broke the schema has been taken out: any key, and any
 * entry of a list, may be missing. Checks of meaning work on drafts, so that they find what they
 * can beside the errors of shape.
 */
export type Draft<T> = T extends readonly (infer E)[]
  ? readonly (Draft<E> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Draft<T[K]> | undefined }
    : T;
