/** Every queue, batch and wait has a named limit with its unit. */
export const limits = {
  /** One Postgres message, one HTTP body: a query's text. */
  statement_bytes_max: 1_048_576,
  message_bytes_max: 16_777_216,
  startupPacket_bytes_max: 10_000,
  handshake_ms_max: 10_000,
  httpBody_bytes_max: 2_097_152,
  connections_max: 500,
  preparedStatements_perSession_max: 1_000,
  /** Nesting of parentheses that the front accepts. */
  nesting_max: 200,
  tokens_max: 100_000,
  columns_max: 1_600,
  planning_ms_max: 10_000,
  /** A function of a user may take this long for a batch, and this much memory. */
  javascriptBatch_ms_max: 5_000,
  javascriptMemory_mb_max: 64,
  /** Statements that call such functions at one time, each with a thread of its own; others wait. */
  javascriptStatements_max: 4,
  /** Different arguments of one statement's calls, and what they and their results take. */
  javascriptCalls_max: 1_000_000,
  javascriptCalls_bytes_max: 268_435_456,
  /** How often a statement is run because calls are given what other calls return. */
  javascriptPasses_max: 100,
  /** Literal rows of VALUES in a job, values of a series, grouping sets of one GROUP BY. */
  values_rows_max: 10_000,
  /** Rows of VALUES of which some value is not a literal: each is an operator of its own. */
  valuesComputed_rows_max: 64,
  series_rows_max: 100_000_000,
  groupingSets_max: 64,
  /** Credits of one exchange channel: frames under way. */
  exchangeCredits_max: 16,
  /** Credits of watermarks, barriers and the like on one channel: they take none of the frames'. */
  exchangeElements_max: 64,
  /** A frame holds about as much text as this, whatever its rows. */
  exchangeFrame_bytes_target: 1_048_576,
  /** Rows wait no longer than this for a fuller frame. */
  exchangeFlush_ms_max: 10,
  /** An input that is further ahead of another in event time waits for it, for so long before each of its elements at most. */
  inputDrift_ms_max: 1_000,
  inputHold_ms_max: 2,
  /** A source that has nothing to read is polled again after a delay that doubles within these. */
  sourcePoll_ms_min: 5,
  sourcePoll_ms_max: 50,
  operatorTick_ms: 100,
  metricsReport_ms: 250,
  /** How long a canceled task waits for a call under way before it closes its operators. */
  taskCancel_ms_max: 1_000,
  /** How long a slot's thread may take to exit when asked. */
  slotExit_ms_max: 10_000,
  /** A TaskManager asks its slots for a sign of life; one that gives none for this long hangs, and the process is replaced. */
  slotPing_ms: 1_000,
  slotHang_ms_max: 60_000,
  /** A task yields to its thread's event loop after this long. */
  taskTurn_ms_max: 5,
  /** State that a task encodes while it stands still for a checkpoint, and in each step afterwards. */
  snapshotAtOnce_rows: 4_096,
  snapshotAtOnce_bytes_max: 2_097_152,
  snapshotPiece_rows: 2_048,
  /** A local pre-aggregate flushes beyond this many groups. */
  localGroups_max: 65_536,
  /** One message between the processes of a cluster: what v8 serialises of it, the buffers beside that, and all of it. */
  clusterMessage_bytes_max: 2_147_483_647,
  clusterMessageBody_bytes_max: 268_435_456,
  clusterMessageBuffers_max: 65_536,
  /** Connections that have not proved yet that they know the cluster's secret. */
  clusterHandshakes_max: 64,
  /** How long a process of the cluster waits for another to take a connection and to answer. */
  clusterDial_ms_max: 3_000,
  clusterSecret_characters_min: 16,
  taskManagerSlots_max: 1_024,
  /** The log of a process: of a file before the next begins, kept in memory, of a line, and told at one time. */
  logFile_bytes_max: 16_777_216,
  logMemory_characters_max: 262_144,
  logLine_characters_max: 65_536,
  logAnswer_bytes_max: 1_048_576,
  /** How long threads are watched for a dump of their stacks, and for a flame graph. */
  threadDump_ms: 50,
  flameGraph_ms: 1_000,
  flameGraph_nodes_max: 5_000,
  stackFrames_max: 200,
  /** A process of the cluster that is asked about itself answers within this, or is said not to. */
  diagnosis_ms_max: 10_000,
  /** Uploaded SQL scripts. */
  scripts_max: 200,
  parallelism_max: 1_024,
  record_bytes_max: 16_777_216,
} as const;
