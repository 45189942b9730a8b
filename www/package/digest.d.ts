/** The SHA-256 of a file in the format of `integrity`, made by `config/digests.js`. */
declare module '*?digest' {
  const integrity: string;
  export default integrity;
}
