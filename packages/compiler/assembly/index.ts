export { allocate, heap, setHeap } from './cells'
