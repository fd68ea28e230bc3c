// Owns regular expressions, slow ones and fine ones; a test holds each against recheck.

/** Expressions that take exponentially long on some text. */
export const SLOW = String.raw`
^(a+)+$
(a*)*b
(a|a)*b
(a|aa)+$
^(\w+\s?)*$
([a-zA-Z]+)*$
(x+x+)+y
(.*)*x
^(([a-z])+.)+[A-Z]([a-z])+$
^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$
(\d+|\w+)*!
^(\d|\d\d)+x
(?:a+)+(?=b)
([^"']+)*"
^(?:(?:\w+)\.?)+@
(\s*\w+\s*)*;
<(\w+)(\s+\w+=?.*?)*>
^(?:[a-z]+[a-z0-9]*)*$
^(.+)+@x
((a|b)*)*c
(?:(?:a|b)+)+$
^([01]+)*2
(?:\r\n|\n|\r)+x
^(a|b|ab)*c
(ab|a|b)*d
(a{2,})+b
^((ab)*)+$
^(?:(\w)+)*:$
(a+){2,}b
([ab]|a)+c
^(-?\d+)*$
(\w|\d)+-
^(\S+\s*)*,$
(a|[a-c])+z
((\w+)[-_]?)+\.
^(\(.*\))*x
(?:\/\*(?:.|\n)*?\*\/|\s+)*x
(?=(?:[a-z]+)+!)x
^(?:a?b?)*c$
(?:a|b|(?:ab))*?z
`
  .trim()
  .split('\n');

/** Expressions that look like it and do not. */
export const FINE = String.raw`
^a+$
(ab)*c
^(?:a|b)*c
(a+)+
(\w+\s)*x
^(\d+,)*\d+$
^[\w.]+@[\w.]+$
(?:[^"\\]|\\.)*"
"(?:[^"\\]|\\.)*"
^(?:\d{3}-)+\d{4}$
(foo|bar)+baz
^(a(b|c))*d
(?:\s+\w+)*;
^([a-z]+-)*[a-z]+$
(\.\w+)+$
(a*)*
(a|b)+
^\s+|\s+$
(?:[a-z]\d)+x
(\[[^\]]*\])+x
^(https?):\/\/([^\/]+)(\/.*)?$
(ab|cd)*e
(abc|abd)+x
^(?:0|[1-9]\d*)(?:\.\d+)*$
(\d{1,3}\.){3}\d{1,3}
([A-Z][a-z]+ )+\d
\b(\w+)\b(?:\s+\1\b)+
(?:%[0-9a-f]{2})+
^(?:[A-Za-z0-9+\/]{4})*(?:[A-Za-z0-9+\/]{2}==)?$
(a+b+)+c
^(\w+=\w+&)*$
("[^"]*"|[^"])*x"y
^(?:\+\d+ )?(?:\d+[- ])+\d+$
(<[^>]+>)+x
^(.*?,){11}P
(a{3})+b
^(\d\d:)+\d\d$
(?:a|b(?=c))+d
(?:[^<]|<(?!b))*x
(?:\w+;)+$
`
  .trim()
  .split('\n');
