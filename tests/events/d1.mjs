// Cloudflare's D1 on this machine, with its REST API; the arguments are miniflare's folder and the databases.
import { pathToFileURL } from "node:url";

const [folder, ...databases] = process.argv.slice(2);
const { Miniflare } = await import(pathToFileURL(`${folder}/node_modules/miniflare/dist/src/index.js`));
const miniflare = new Miniflare({
  modules: true,
  script: "export default { fetch() { return new Response('') } }",
  d1Databases: Object.fromEntries(databases.map((name) => [name, name])),
  d1Persist: false,
  unsafeLocalExplorer: true,
  host: "127.0.0.1",
  port: 0,
});
console.log((await miniflare.ready).port);
// Whoever started us ends us by closing our input.
process.stdin.resume();
process.stdin.on("end", async () => {
  await miniflare.dispose();
  process.exit(0);
});
