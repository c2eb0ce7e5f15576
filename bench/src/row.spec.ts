import { measureRow, type Row } from './row.js';

function row(goal: Row['goal'], values: number[]): Row {
  const left = [...values];
  const references = [30, 10, 20];
  return {
    name: 'a thing',
    unit: 'ms',
    goal,
    rounds: values.length,
    measure: () => left.shift() ?? NaN,
    reference: () => ({ 'another, ms': references.shift() ?? NaN }),
  };
}

describe('a row', () => {
  it('is the median of its rounds, beside the median of its references', async () => {
    expect(await measureRow(row({ atMost: 5 }, [9, 1.23456, 1]))).toEqual({
      name: 'a thing',
      value: 1.23,
      unit: 'ms',
      goal: 5,
      met: true,
      reference: { 'another, ms': 20 },
    });
  });

  it('takes measurement and reference in turn', async () => {
    const order: string[] = [];
    await measureRow({
      ...row({ atMost: 1 }, [0, 0]),
      measure: () => order.push('measure'),
      reference: () => ({ n: order.push('reference') }),
    });
    expect(order).toEqual(['measure', 'reference', 'measure', 'reference']);
  });

  it('meets its goal from the right side, the edge included', async () => {
    const met = async (goal: Row['goal'], value: number) => (await measureRow(row(goal, [value]))).met;
    expect([await met({ atLeast: 10 }, 9), await met({ atLeast: 10 }, 10)]).toEqual([false, true]);
    expect([await met({ atMost: 10 }, 11), await met({ atMost: 10 }, 10)]).toEqual([false, true]);
  });
});
