/** Counters and gauges that operators and tasks report (Flink's names, semantics.md section 12). */
export const metrics = {
  numRecordsIn: { kind: "counter", unit: "rows", doc: "Rows read by an operator; of a source: rows read from outside." },
  numRecordsOut: { kind: "counter", unit: "rows", doc: "Rows emitted by an operator." },
  numLateRecordsDropped: { kind: "counter", unit: "rows", doc: "Rows that came after their window had fired." },
  numForgottenRetractions: {
    kind: "counter",
    unit: "rows",
    doc: "Rows that were taken back after state_ttl had let them go, and so were ignored.",
  },
  numBadRecords: { kind: "counter", unit: "rows", doc: "Rows that could not be read, skipped or put aside by bad_rows." },
  numWindowsFired: { kind: "counter", unit: "windows", doc: "Windows (per key: sessions) that were emitted." },
  numBytesIn: { kind: "counter", unit: "bytes", doc: "Bytes read by a source from outside." },
} as const satisfies Readonly<Record<string, { kind: "counter" | "gauge"; unit: string; doc: string }>>;
export type MetricName = keyof typeof metrics;
