// The memory of a virtual display as a PNG: Xvfb keeps its screen in a file of the old X Window Dump format.
import { crc32, deflateSync } from 'node:zlib';

const HEADER = { size: 0, width: 4, height: 5, bitsPerPixel: 11, bytesPerLine: 12, colours: 19 };
const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const TRUE_COLOUR = 2;

/** @param dump of a display with four bytes a pixel: blue, green, red and nothing. */
export function pngOfScreen(dump) {
  const field = (place) => dump.readUInt32BE(place * 4);
  const width = field(HEADER.width);
  const height = field(HEADER.height);
  const stride = field(HEADER.bytesPerLine);
  if (field(HEADER.bitsPerPixel) !== 32) throw new Error('the display has another depth than 24 bits');
  const pixels = field(HEADER.size) + field(HEADER.colours) * 12;
  // Each line begins with the number of its filter: none.
  const lines = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0, to = 0; y < height; y += 1) {
    to += 1;
    for (let from = pixels + y * stride, x = 0; x < width; x += 1, from += 4) {
      lines[to++] = dump[from + 2];
      lines[to++] = dump[from + 1];
      lines[to++] = dump[from];
    }
  }
  const shape = Buffer.alloc(13);
  shape.writeUInt32BE(width, 0);
  shape.writeUInt32BE(height, 4);
  shape.writeUInt8(8, 8);
  shape.writeUInt8(TRUE_COLOUR, 9);
  const chunks = [chunk('IHDR', shape), chunk('IDAT', deflateSync(lines)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([SIGNATURE, ...chunks]);
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body) >>> 0, body.length + 4);
  return frame;
}
