declare module 'virtual:operations' {
  const operations: import('../operation-access.ts').OperationAccess[];
  export default operations;
}
