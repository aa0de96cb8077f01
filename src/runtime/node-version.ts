// First import of every entry point: on an older Node the libraries die with a message that
// does not name the cause.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 9)) {
  console.error(
    `Node 24.9 or newer is needed, this is ${process.version}. Use "npm start": it runs the Node 24 that npm ci ` +
      'has installed.',
  );
  process.exit(1);
}
