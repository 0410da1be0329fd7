// The kernel library: state of one slot thread in one linear memory (design D3).
export { allocate, free, memoryUsed } from "./memory";
export {
  dictionaryCollect,
  dictionaryCreate,
  dictionaryFree,
  dictionarySize,
  rangeFrom,
  rangeTo,
  stringRange,
  stringWords,
  wordsBytes,
  wordsToStrings,
} from "./dictionary";
export {
  rowsSetStored,
  rowsStored,
  rowsTouch,
  tableCreate,
  tableDirtyCount,
  tableDirtyRows,
  tableErase,
  tableFree,
  tableFreeze,
  tableFrozenCount,
  tableMark,
  tableMeet,
  tableMetCount,
  tableRows,
  tableRowsNext,
  tableSize,
  tableTakeFrozen,
  tableTakeMet,
  tableUsed,
} from "./table";
export { lookupMany, lookupOne, lookupRows, lookupTwo } from "./lookup";
export {
  andMask,
  applyNulls,
  floatKeys,
  floatOrder,
  floatsOfOrder,
  gather32,
  gather64,
  gatherKeyValidity,
  gatherSet,
  narrowI32,
  narrowU8,
  negate64,
  rowsPositive,
  rowsZero,
  scatterConstant,
  widenI32,
  widenU8,
} from "./words";
export {
  addCount,
  addCounters,
  combineBits,
  maxI64,
  mergeVariance,
  minI64,
  productF64,
  sumF64,
  sumI128,
  sumI64,
  sumI64Weighted,
  varianceF64,
} from "./aggregate";
export { numberSlices, selectSlices, sliceRuns } from "./slices";
export { gatherValueState, keepExtreme, keepValue, releaseValues } from "./keep";
export { addDistinct, chainRanges, chainRows, endedValues, selectMask, signMask } from "./distinct";
