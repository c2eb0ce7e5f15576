const SEPARATOR = Buffer.of(0);

/**
 * `label | 00 | message`: how every key derivation, MAC, signature and hash says what it is for (wire-v1 §1).
 * Labels are ASCII without NUL, so that the first zero byte always ends the label and no two uses can collide.
 */
export function labelled(label: string, message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(label, 'latin1'), SEPARATOR, message]);
}
