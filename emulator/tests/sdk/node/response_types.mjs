// Compares answers with the response types of `auth0`: `node response_types.mjs PACKAGE < answers.json` prints what
// differs, as [call, path, problem]. An answer is {call, body}, a call the path of a method, such as "users.get", with "[]" for a
// list without totals.
// Problems are "unknown" (the type does not name the member), "missing" (it requires one) and "wrong" (another type).
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const sdk = process.argv[2];
const answers = JSON.parse(readFileSync(0, "utf8"));
const calls = [...new Set(answers.map(({ call }) => call))];
const method = (call) => call.replace("[]", "").split(".").map((name) => `[${JSON.stringify(name)}]`).join("");
const source = `
import { ManagementClient } from "${sdk}";
type Returned<Call> = Call extends (...given: any[]) => infer Result ? Awaited<Result> : never;
type Page = { response: unknown; data: unknown[]; hasNextPage(): boolean };
type Answer<Call> = Returned<Call> extends Page ? Returned<Call>["response"] : Returned<Call>;
type Bare<Call> = Returned<Call> extends Page ? Returned<Call>["data"] : never;
${calls.map((call, index) =>
    `export type A${index} = ${call.endsWith("[]") ? "Bare" : "Answer"}<ManagementClient${method(call)}>;`).join("\n")}
`;

// The file exists in memory only, beside this one, where the packages are found.
const file = fileURLToPath(new URL("answers.ts", import.meta.url));
const options = { strict: true, noEmit: true, skipLibCheck: true, module: ts.ModuleKind.NodeNext, types: [] };
const host = ts.createCompilerHost(options);
const { getSourceFile, fileExists } = host;
host.fileExists = (name) => name === file || fileExists(name);
host.getSourceFile = (name, ...more) =>
  name === file ? ts.createSourceFile(name, source, ts.ScriptTarget.Latest) : getSourceFile(name, ...more);
const program = ts.createProgram([file], options, host);
const checker = program.getTypeChecker();
const tree = program.getSourceFile(file);
const broken = program.getSemanticDiagnostics(tree);
if (broken.length > 0) throw new Error(ts.flattenDiagnosticMessageText(broken[0].messageText, "\n"));
const aliases = tree.statements.filter(ts.isTypeAliasDeclaration).slice(-calls.length);
const types = new Map(aliases.map(({ name }, index) => [calls[index], checker.getTypeAtLocation(name)]));

const { Any, Unknown, Null, String: Text, Number: Numeric, BooleanLiteral, Boolean: Flag, Object: Structure } = ts.TypeFlags;
const isPrimitive = (type, value) => {
  if (value === null) return Boolean(type.flags & Null);
  if (type.isLiteral()) return type.value === value;
  if (typeof value === "string") return Boolean(type.flags & Text);
  if (typeof value === "number") return Boolean(type.flags & Numeric);
  return Boolean(type.flags & Flag) || (Boolean(type.flags & BooleanLiteral) && checker.typeToString(type) === String(value));
};
const members = (type, value, path) => {
  const known = checker.getPropertiesOfType(type);
  if (known.length === 0) return []; // a record of anything, such as metadata
  const names = new Map(known.map((member) => [member.name, member]));
  const missing = known
    .filter(({ name, flags }) => !(flags & ts.SymbolFlags.Optional) && !(name in value))
    .map(({ name }) => [`${path}.${name}`, "missing"]);
  const given = Object.entries(value).flatMap(([name, inner]) =>
    names.has(name)
      ? compare(checker.getTypeOfSymbol(names.get(name)), inner, `${path}.${name}`)
      : [[`${path}.${name}`, "unknown"]]);
  return [...missing, ...given];
};
const compareOne = (type, value, path) => {
  if (type.flags & (Any | Unknown)) return [];
  if (value === null || typeof value !== "object") return isPrimitive(type, value) ? [] : [[path, "wrong"]];
  if (Array.isArray(value) !== checker.isArrayType(type) || !(type.flags & Structure)) return [[path, "wrong"]];
  if (!Array.isArray(value)) return members(type, value, path);
  return value.flatMap((one) => compare(checker.getTypeArguments(type)[0], one, `${path}[]`));
};
/** What differs from the member of a union that fits best. */
function compare(type, value, path) {
  const candidates = type.isUnion() ? type.types.filter(({ flags }) => !(flags & ts.TypeFlags.Undefined)) : [type];
  const found = candidates.map((one) => compareOne(one, value, path));
  return found.sort((one, other) => one.length - other.length)[0];
}

const differences = answers.flatMap(({ call, body }) =>
  compare(types.get(call), body, "").map(([path, problem]) => [call, path, problem]));
const distinct = new Map(differences.map((one) => [JSON.stringify(one), one]));
process.stdout.write(JSON.stringify([...distinct.values()]));
