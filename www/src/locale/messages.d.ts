/** A language's file, parsed by the build: `config/locales.js`. */
declare module '*.ftl?messages' {
  const messages: import('./fluent.js').Messages;
  export default messages;
}
