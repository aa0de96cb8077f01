import { readCsv } from '../../src/cli/account-transfer/csv-reader';
import type { FileRecord } from '../../src/cli/account-transfer/file-record';
import { type Line, readLines } from '../../src/cli/account-transfer/line-reader';
import { readNdjson } from '../../src/cli/account-transfer/ndjson-reader';

type Reader = (lines: AsyncIterable<Line>, ignored: (name: string) => void) => AsyncIterable<FileRecord>;

/** The file arrives in pieces of that many bytes. */
async function* pieces(content: string | Buffer, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(
  reader: Reader,
  content: string | Buffer,
  size = 7,
): Promise<{ records: FileRecord[]; ignored: string[] }> {
  const ignored: string[] = [];
  const records = await Array.fromAsync(reader(readLines(pieces(content, size)), (name) => ignored.push(name)));
  return { records, ignored };
}

const csv = async (content: string | Buffer) => (await read(readCsv, content)).records;
const ndjson = async (content: string | Buffer) => (await read(readNdjson, content)).records;

const HEADER = 'username,password,first_name\n';
const row = (line: number, username: string, firstName = '') => ({
  line,
  values: { username, passwordHash: 'h', firstName },
});
const bad = (line: number, problem: string) => ({ line, values: {}, problem });
const blank = (line: number, problem: string) => ({
  ...row(line, ''),
  values: { username: '', passwordHash: '', firstName: '' },
  problem,
});

const NEVER_CLOSED = 'a quote is opened and not closed';

describe('NDJSON', () => {
  test('is an object in each line, whatever the pieces it arrives in', async () => {
    const content = '\uFEFF{"username":"Đỗ","first_name":"A","extra":1}\r\n\n  \n{"username":"b"}';
    for (const size of [1, 2, 3, 1000]) {
      expect(await read(readNdjson, content, size)).toEqual({
        records: [
          { line: 1, values: { username: 'Đỗ', firstName: 'A' } },
          { line: 4, values: { username: 'b' } },
        ],
        ignored: ['extra'],
      });
    }
  });

  test('loses nothing but the line that is bad', async () => {
    const content = Buffer.concat([
      Buffer.from('{"username":"a"\n[1]\n"text"\nnull\n{"password":"x","password_hash":"y"}\n'),
      Buffer.from([0x7b, 0xff, 0x7d, 10]),
      Buffer.from(`{"username":"${'x'.repeat(70_000)}"}\n{"username":"z"}\n`),
    ]);
    expect(await ndjson(content)).toEqual([
      bad(1, 'the line is not valid JSON'),
      bad(2, 'the line is not a JSON object'),
      bad(3, 'the line is not a JSON object'),
      bad(4, 'the line is not a JSON object'),
      bad(5, 'two members mean passwordHash'),
      bad(6, 'the line is not UTF-8'),
      bad(7, 'the line is longer than 64 KB'),
      { line: 8, values: { username: 'z' } },
    ]);
  });

  test('is not a JSON array, and says how to convert one', async () => {
    await expect(ndjson('\n[{"username":"a"}]')).rejects.toThrow(
      "The file is a JSON array; NDJSON has one object in each line. Convert it with: jq -c '.[]' FILE",
    );
  });

  test('is not UTF-16', async () => {
    await expect(ndjson(Buffer.from('\uFEFF{}', 'utf16le'))).rejects.toThrow('The file is UTF-16: save it as UTF-8.');
  });
});

describe('CSV', () => {
  test('has a header and values in quotes where they need them', async () => {
    const content = `\uFEFF"username",PASSWORD,first name,avatar\r\nanna,h,"A ""x"", B",1\r\n\r\nb,h,"two\nlines",\r\n"c",h,Đỗ,`;
    expect(await read(readCsv, content)).toEqual({
      records: [row(2, 'anna', 'A "x", B'), row(4, 'b', 'two\nlines'), row(6, 'c', 'Đỗ')],
      ignored: ['avatar'],
    });
  });

  test('loses nothing but the line whose values are too many or too few', async () => {
    expect(await csv(`${HEADER}a,h,\nb,h\nc,h,1,2\nd,h,\n`)).toEqual([
      row(2, 'a'),
      blank(3, 'the line has 2 values and the header 3'),
      blank(4, 'the line has 4 values and the header 3'),
      row(5, 'd'),
    ]);
  });

  test.each([
    ['a quote that is never closed', 'a,h,"x\nb,h,y\nc,h,\n', [blank(2, NEVER_CLOSED), row(3, 'b', 'y'), row(4, 'c')]],
    [
      'a quote in the middle of a value',
      'a,h,x"y"\nb,h,\n',
      [blank(2, 'a quote stands in the middle of a value'), row(3, 'b')],
    ],
    [
      'two stray quotes, lines apart',
      'a,h,"x\nb,h,\nc,h,"y\nd,h,\n',
      [blank(2, NEVER_CLOSED), row(3, 'b'), blank(4, NEVER_CLOSED), row(5, 'd')],
    ],
    [
      'a stray quote before a good one',
      'a,h,"x\nb,h,"y"\nc,h,\n',
      [blank(2, NEVER_CLOSED), row(3, 'b', 'y'), row(4, 'c')],
    ],
  ])('with %s loses that line alone', async (_, rows, expected) => {
    expect(await csv(HEADER + rows)).toEqual(expected);
  });

  test('with a stray quote at the beginning of a long file loses that line alone', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `n${index}`);
    const records = await csv(`${HEADER}a,h,"x\n${names.map((name) => `${name},h,\n`).join('')}`);
    expect(records).toEqual([blank(2, NEVER_CLOSED), ...names.map((name, index) => row(index + 3, name))]);
  });

  test('with a line that is not UTF-8 loses that line alone', async () => {
    const content = Buffer.concat([Buffer.from(`${HEADER}a,h,`), Buffer.from([0xe9, 10]), Buffer.from('b,h,\n')]);
    expect(await csv(content)).toEqual([blank(2, 'the line is not UTF-8'), row(3, 'b')]);
  });

  test.each([
    ['', 'The file is empty; the first line of CSV names the columns.'],
    ['\n\n', 'The file is empty; the first line of CSV names the columns.'],
    ['anna,h\n', 'The first line names no column username: it has to name the columns, separated by commas.'],
    [
      'username;password\n',
      'The first line names no column username: it has to name the columns, separated by commas.',
    ],
    [
      'username,email\n',
      'The first line names no column passwordHash: it has to name the columns, separated by commas.',
    ],
    ['username,password,password_hash\n', 'Two columns of the header mean passwordHash.'],
  ])('%j is refused as a whole', async (content, message) => {
    await expect(csv(content)).rejects.toThrow(message);
  });
});
