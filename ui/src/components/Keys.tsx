/** Keys as they look on a keyboard. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className="keys">
      {keys.split(/\+(?!$)|\s(?=\S)/).map((key, at) => (
        <kbd key={at}>{key.length === 1 ? key.toUpperCase() : key}</kbd>
      ))}
    </span>
  );
}
