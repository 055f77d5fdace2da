const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const MINUS = 0x2d;

/** Whether a JSON number has digits only, with a sign if it is not zero: no fraction, no exponent. */
export function isWholeNumber(text: string, offset: number, length: number): boolean {
  const isNegative = text.charCodeAt(offset) === MINUS;
  if (isNegative && length === 2 && text.charCodeAt(offset + 1) === DIGIT_0) {
    return false;
  }
  for (let index = isNegative ? offset + 1 : offset; index < offset + length; index++) {
    const character = text.charCodeAt(index);
    if (character < DIGIT_0 || character > DIGIT_9) {
      return false;
    }
  }
  return true;
}

/** What to write in place of a number with a fraction, an exponent or a signed zero. */
export function wholeNumberFix(value: number): string {
  if (Number.isSafeInteger(value)) {
    return `write ${value === 0 ? 0 : value}`;
  }
  return "write digits alone, without fraction or exponent";
}
