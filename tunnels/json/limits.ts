/** Objects and lists within each other; the contract needs 8. */
export const DEPTH_LIMIT = 64;
/** Values (not keys) of one file; bounds the memory that a hostile file can ask for. */
export const VALUE_LIMIT = 8_000_000;
