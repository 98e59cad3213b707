import { describe, expect, it } from 'vitest';
import { evidenceText, hostText, plainText } from '../../../src/core/text.ts';

describe('plainText', () => {
  it.each([
    ['bidi override', 'safe\u202Egnp.exe', 'safegnp.exe'],
    ['bidi isolates and marks', 'a\u2066b\u2067c\u2068d\u2069e\u200ef\u200fg\u061ch', 'abcdefgh'],
    ['zero width', 'Cla\u200bu\u200cd\u200de\ufeff', 'Claude'],
    ['soft hyphen', 'Cl\u00adaude', 'Claude'],
    ['tags', 'Claude\u{e0041}\u{e0042}\u{e007f}', 'Claude'],
    ['variation selectors', 'a\ufe0f\u{e0100}b', 'ab'],
    ['blank letters', 'a\u3164\u115f\u1160\uffa0\u2800b', 'ab'],
    ['controls', 'a\u0000\u001b[31mb\u009b', 'a[31mb'],
    ['lines', 'a\r\nb\u2028c\u2029d\te\u0085f', 'a b c d ef'],
    ['spaces of all widths', '  a \u00a0\u2003\u3000 b  ', 'a b'],
    ['private use and lone surrogates', 'a\ue000\ud800b', 'ab'],
    ['stacked marks', `e${'\u0301\u0308\u0330'.repeat(20)}`, 'ḛ́̈̈'],
  ])('takes away %s', (_, given, kept) => {
    const shown = plainText(given, 100);
    if (_ === 'stacked marks') expect([...shown].length).toBeLessThanOrEqual(4);
    else expect(shown).toBe(kept);
  });

  it('leaves languages alone', () => {
    for (const name of [
      'Ünïcode Ça va',
      '日本語クライアント',
      'Клиент',
      'عميل',
      'ไทยคู่',
      'हिन्दी',
      'Tiếng Việt',
      '🙂 app',
    ]) {
      expect(plainText(name, 100)).toBe(name.normalize('NFC'));
    }
  });

  it('clips by characters, not in the middle of one', () => {
    expect(plainText('🙂'.repeat(200), 100)).toBe(`${'🙂'.repeat(99)}…`);
    expect(plainText('a'.repeat(100), 100)).toBe('a'.repeat(100));
  });

  it('may leave nothing', () => {
    expect(plainText('\u200b\u202e \n', 100)).toBe('');
  });
});

describe('hostText', () => {
  it('keeps the end, which says whose host it is', () => {
    const shown = hostText(`accounts.google.com.${'a'.repeat(300)}.evil.example:8443`);
    expect(shown.startsWith('…')).toBe(true);
    expect(shown.endsWith('.evil.example:8443')).toBe(true);
    expect([...shown]).toHaveLength(100);
    expect(hostText('claude.ai')).toBe('claude.ai');
  });
});

describe('evidenceText', () => {
  it('takes nothing away, and writes what cannot be seen as its code point', () => {
    expect(evidenceText('a\u202eb\u200b\u{e0041}\u0000', 100)).toBe('a⟨U+202E⟩b⟨U+200B⟩⟨U+E0041⟩⟨U+0000⟩');
    expect(evidenceText('a\nb\r', 100)).toBe('a⟨U+000A⟩b⟨U+000D⟩');
    expect(evidenceText('a\nb\r', 100, true)).toBe('a\nb⟨U+000D⟩');
    expect(evidenceText(`e${'\u0301\u0308\u0330'.repeat(20)}`, 100)).toBe('e\u0301\u0308\u0330⟨…⟩');
    expect(evidenceText('  日本語 🙂  ', 100)).toBe('  日本語 🙂  ');
  });

  it('clips by characters before it marks them, so that no mark is cut', () => {
    expect(evidenceText('\u202e'.repeat(9), 3)).toBe('⟨U+202E⟩⟨U+202E⟩…');
  });
});
