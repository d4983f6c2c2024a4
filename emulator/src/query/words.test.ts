import { describe, expect, it } from 'vitest';
import { wordsOf } from './words.ts';

const exact = { foldDiacritics: false, splitUnspacedScripts: true };

describe('the words of a text', () => {
  it.each([
    ['I like coca-cola', ['i', 'like', 'coca', 'cola']],
    ["Gnip's #documentation, @gnip!", ['gnip', 's', 'documentation', 'gnip']],
    ['snake_case a.b/c?d=e&f', ['snake', 'case', 'a', 'b', 'c', 'd', 'e', 'f']],
    ['Straße ΣΊΓΜΑ Ёлка', ['straße', 'σίγμα', 'ёлка']],
    ['e\u0301te\u0301 été', ['été', 'été']],
    ['I ❤️❤ you😀😡', ['i', '❤', '❤', 'you', '😀', '😡']],
    ['👍🏽👍 👩‍👩‍👧 🇫🇷🇩🇪', ['👍🏽', '👍', '👩‍👩‍👧', '🇫🇷', '🇩🇪']],
    ['東京タワー2', ['東', '京', 'タ', 'ワ', 'ー', '2']],
    ['한국어 문장', ['한국어', '문장']],
    ['สวัสดี', ['ส', 'ว', 'ั', 'ส', 'ด', 'ี']],
    ['नमस्ते दुनिया', ['नमस्ते', 'दुनिया']],
    ['سلام، دنیا', ['سلام', 'دنیا']],
    ['!?… —', []],
  ])('cuts %s', (text, words) => {
    expect(wordsOf(text, exact)).toEqual(words);
  });

  it('folds accents, but not the marks of scripts where they are letters', () => {
    const folded = { ...exact, foldDiacritics: true };
    expect(wordsOf('Diacrítica Ñandú नमस्ते', folded)).toEqual(['diacritica', 'nandu', 'नमस्ते']);
    expect(wordsOf('Diacrítica', exact)).toEqual(['diacrítica']);
  });

  it('leaves unspaced scripts whole when told to', () => {
    expect(wordsOf('東京タワー!', { ...exact, splitUnspacedScripts: false })).toEqual(['東京タワー']);
  });
});
