import { aboutRecordings, recordedHeaders, recordings } from '../fakes/kong/recordings';
import { type Played, playAll } from '../fakes/kong/replay';

/** The recordings that the test gateway is not held to; fixtures/README.md says why. */
const LEFT_OUT = 42;

describe('the test gateway, played the requests that were recorded with Kong 3.9.1', () => {
  let played: Map<number, Played>;

  beforeAll(async () => {
    played = await playAll();
  });

  const live = (n: number) => {
    const result = played.get(n)!;
    return 'error' in result ? { error: result.error, answers: [] } : { error: undefined, answers: result.answers };
  };
  const titled = (matches: (recording: (typeof recordings)[number]) => boolean) =>
    recordings
      .filter(matches)
      .map((recording) => [`${recording.group} ${recording.n}: ${recording.name}`, recording] as const);

  it('is held to all of them but those that are listed with a reason', () => {
    expect(recordings).toHaveLength(aboutRecordings.played);
    expect(aboutRecordings.recorded - recordings.length).toBe(LEFT_OUT);
    expect(Object.values(aboutRecordings.leftOut).flat()).toHaveLength(LEFT_OUT);
  });

  it.each(titled(({ status }) => status !== undefined))('answers %s', (_, recording) => {
    const { error, answers } = live(recording.n);
    expect(error).toBeUndefined();
    const { status, headers, body } = answers[0]!;
    expect({ status, headers }).toEqual({ status: recording.status, headers: recordedHeaders(recording) });
    if (recording.json) expect(JSON.parse(body)).toEqual(recording.json);
    else if (recording.part && recording.status! < 300) expect(JSON.parse(body)).toMatchObject(recording.part);
    else if (!recording.cut && !recording.part) expect(body).toBe(recording.text ?? '');
  });

  it.each(titled(({ error }) => error !== undefined))('leaves the client without an answer: %s', (_, recording) => {
    expect(live(recording.n)).toEqual({ error: recording.error, answers: [] });
  });

  it.each(titled(({ times }) => times !== undefined))('decides the race %s', (_, recording) => {
    const { answers } = live(recording.n);
    expect(answers.map(({ status }) => status).sort()).toEqual(recording.statuses);
    const bodies = answers.map(({ body }) => JSON.parse(body));
    for (const loser of bodies.filter((_, i) => answers[i]!.status === 409)) expect(loser).toEqual(recording.loser);
    if (recording.distinctIds) expect(new Set(bodies.map(({ id }) => id)).size).toBe(recording.distinctIds);
  });

  it.each(titled(({ recreated }) => recreated === true))('keeps its word: %s', (_, recording) => {
    const [first, second] = live(recording.n).answers.map(({ body }) => JSON.parse(body).id);
    expect(first).toEqual(expect.any(String));
    expect(second).not.toBe(first);
  });
});
