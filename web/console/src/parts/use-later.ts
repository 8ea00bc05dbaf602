import { useEffect, useState } from 'react';

/** The value as it stood when it had not changed for so long, in milliseconds: for searches while somebody types. */
export function useLater<T>(value: T, ms: number): T {
  const [late, setLate] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return late;
}
