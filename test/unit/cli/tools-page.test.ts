import { describe, expect, it } from 'vitest';
import { prompts, resources, scopeOf, tools } from '../../../src/catalogue/index.ts';
import { listTools } from '../../../src/catalogue/selected.ts';
import { DEFAULT_SELECTION } from '../../../src/catalogue/selection.ts';
import { toolsPage } from '../../../src/cli/tools-page.ts';

const rows = toolsPage()
  .split('\n')
  .filter((line) => line.startsWith('|'));
const rowsOf = (name: string) => rows.filter((row) => row.split('|')[2]?.trim() === `\`${name}\``);

describe('the page of tools', () => {
  it.each(tools.map((tool) => [tool.name, tool] as const))(
    'has one row for %s, with scope, access and hints',
    (name, tool) => {
      const [row = '', ...others] = rowsOf(name);
      expect(others).toEqual([]);
      const cells = row.split('|').map((cell) => cell.trim());
      expect(cells[3]).toBe(tool.access);
      expect(cells[4]?.includes('read-only')).toBe(tool.hints.readOnly);
      expect(cells[4]?.includes('destructive')).toBe(tool.hints.destructive);
      expect(cells[5]).toBe(tool.wraps ? 'that of the inner tool' : `\`${scopeOf(tool)}\``);
      expect(cells[6]?.length).toBeGreaterThan(10);
    },
  );

  it('marks the default set', () => {
    const marked = rows.filter((row) => row.startsWith('| ● |'));
    expect(marked).toHaveLength(listTools(DEFAULT_SELECTION).tools.length);
  });

  it('has every resource and prompt', () => {
    for (const { name } of [...resources, ...prompts])
      expect(
        rows.some((row) => row.startsWith(`| \`${name}\` |`)),
        name,
      ).toBe(true);
  });

  it('is a proper table whatever a description holds', () => {
    for (const row of rows) expect(row.endsWith('|'), row).toBe(true);
    expect(toolsPage()).toBe(toolsPage());
    expect(toolsPage()).not.toContain('undefined');
  });
});
