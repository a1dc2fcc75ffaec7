/** A file that the bundler puts beside the page: its address. */
declare module "*.woff2" {
  const address: string;
  export default address;
}
