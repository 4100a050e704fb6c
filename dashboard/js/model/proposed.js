// What a letter alone does with proposals: with the one that was looked at last, or the first.

// {a, x}, each {line, help}; nothing while nothing is proposed.
export function proposalKeys(proposals, root) {
  const looked = root.querySelector('#proposals .opener[tabindex="0"]')?.closest("[data-code]").dataset.code;
  const waiting = proposals.filter((item) => !item.going);
  const item = waiting.find(({ code }) => code === looked) ?? waiting[0];
  if (!item) return {};
  return {
    a: { line: `approve ${item.code}`, help: item.line },
    x: { line: `drop ${item.code}`, help: `dismisses: ${item.line}` },
  };
}
