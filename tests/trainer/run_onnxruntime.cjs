// node run_onnxruntime.cjs MODULES FOLDER BATCH SIDE: runs FOLDER/model.onnx on FOLDER/images (float32) with the
// onnxruntime-node of MODULES/node_modules and writes FOLDER/output (float32).
const fs = require('fs');
const path = require('path');
const [modules, folder, batch, side] = process.argv.slice(2);
const ort = require(path.join(path.resolve(modules), 'node_modules', 'onnxruntime-node'));

async function main() {
  const bytes = fs.readFileSync(path.join(folder, 'images'));
  const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const images = new ort.Tensor('float32', floats, [Number(batch), 3, Number(side), Number(side)]);
  const session = await ort.InferenceSession.create(path.join(folder, 'model.onnx'));
  const { output } = await session.run({ images });
  fs.writeFileSync(path.join(folder, 'output'), Buffer.from(output.data.buffer, output.data.byteOffset, output.data.byteLength));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
