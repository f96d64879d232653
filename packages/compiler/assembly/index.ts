export { allocate, heap, setHeap } from './cells'
export { decoded, problem, problemAt, readProjected, setStrict } from './read'
export {
  begin,
  finish,
  writeAscii,
  writeByte,
  writeBytes,
  writeEscaped,
  writeInteger,
  writeText,
  writeValue,
} from './write'
export * from './abi'
