/** A subject, set up again and again. */
import { expect, test } from 'vitest';
import { Subject } from '../../src/lint/subject.ts';
import { Message } from '../../src/wire/message.ts';

test('a message that came before has its own place and no bytes, though one was in hand meanwhile', () => {
  const message = new Message();
  message.frame = 9;
  message.seconds = 100;
  message.nanoseconds = 5;
  const subject = new Subject();
  subject.hold(3, 1, message);
  expect(subject).toMatchObject({ connection: 3, side: 1, frame: 9, seconds: 100, nanoseconds: 5, message });
  subject.recall(3, 0, 4, 99, 7);
  expect(subject).toMatchObject({ connection: 3, side: 0, frame: 4, seconds: 99, nanoseconds: 7, message: undefined });
});
