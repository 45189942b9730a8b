/** The SHA-256 of a file, as `integrity` takes it: `config/digests.js`. */
declare module '*?digest' {
  const integrity: string;
  export default integrity;
}
