// publicodes: a `barème` for each illness, a claim a call. The same conversation as worker.py:
//
//     node publicodes.mjs FOLDER COUNT PACKAGE

import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, count, file, table] = process.argv.slice(2);
const { default: Engine } = await import(pathToFileURL(file).href);
const { ends, percent } = JSON.parse(table);

const scale = (ratios) => ({
  barème: {
    assiette: "borne",
    tranches: [
      { taux: "0%", plafond: `${ends[0]} €` },
      ...ratios.map((ratio, band) =>
        band + 1 < ends.length ? { taux: `${ratio}%`, plafond: `${ends[band + 1]} €` } : { taux: `${ratio}%` },
      ),
    ],
  },
  arrondi: "2 décimales",
});
const engine = new Engine({
  borne: { question: "cost of the year", unité: "€" },
  general: scale(percent.general),
  listed: scale(percent.listed),
});

const rows = Number(count);
const totals = new BigInt64Array(readFileSync(`${folder}/totals`).buffer.slice(0, 8 * rows));
const illness = readFileSync(`${folder}/illness`).subarray(0, rows);
const costs = Array.from(totals, (fen) => Number(fen) / 100);

const run = () =>
  costs.map((cost, row) => {
    engine.setSituation({ borne: cost });
    return engine.evaluate(illness[row] ? "listed" : "general").nodeValue;
  });
const seconds = () => {
  const begin = performance.now();
  run();
  return (performance.now() - begin) / 1000;
};

const paid = BigInt64Array.from(run(), (yuan) => BigInt(Math.floor(yuan * 100 + 0.5)));
writeFileSync(`${folder}/publicodes.node`, Buffer.from(paid.buffer));
console.log("ready");
for await (const _ of createInterface({ input: process.stdin })) console.log(seconds());
