const unit_bytes: Readonly<Record<string, number>> = { "": 1, b: 1, kb: 1_024, mb: 1_048_576, gb: 1_073_741_824 };

/** Bytes of `4096`, `64MB`; null for anything else. */
export function sizeOf(text: string): number | null {
  const found = /^(\d+)\s*([kmg]?b)?$/i.exec(text.trim());
  const unit = unit_bytes[(found?.[2] ?? "").toLowerCase()];
  return found === null || unit === undefined ? null : Number(found[1]) * unit;
}
