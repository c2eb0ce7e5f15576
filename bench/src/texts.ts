import { SeededRandom } from '@earshot/testkit';

const WORDS = 2_000;

/** Texts of exactly so many bytes, of words that come again: what the search index costs depends on that. The same ones every time. */
export function texts(count: number, bytes: number): string[] {
  const random = new SeededRandom(1);
  const letters = (length: number) => Array.from({ length }, () => String.fromCharCode(97 + random.below(26))).join('');
  const words = Array.from({ length: WORDS }, () => letters(2 + random.below(9)));
  return Array.from({ length: count }, () => {
    let text = '';
    while (text.length < bytes) text += `${words[random.below(WORDS)] ?? ''} `;
    return text.slice(0, bytes);
  });
}
