// Prints the model that an @aws-sdk/client-* package carries, as JSON in the form of
// AWS's api-2.json (metadata, operations, shapes), for tools/apigen:
//
//     node dump.mjs @aws-sdk/client-iam
//
// The packages keep their schemas as arrays, whose first entry is the kind:
//
//     [0, ns, name, traits, base]                       named scalar
//     [1, ns, name, traits, element]                    list
//     [2, ns, name, traits, key, value]                 map
//     [3, ns, name, traits, names, targets, required]   structure (4: union, -3: error)
//     [9, ns, name, traits, input, output]              operation
//
// The first `required` members are the required ones. A target is a number (a scalar
// without a name, or with 64 added a list of it, with 128 a map), a function that returns
// a schema, or a pair of either and traits. Traits are an object or a number of bits.
// What has no name of its own becomes {"kind": ...} instead of {"shape": ...}.
import { createRequire } from "node:module";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const traitBits = ["httpLabel", "idempotent", "idempotencyToken", "sensitive", "httpPayload", "httpResponseCode", "httpQueryParams"];
const timeFormats = { 5: "iso8601", 6: "rfc822", 7: "unixTimestamp" };
const shapes = {};

function fail(message) {
  process.stderr.write(`dump.mjs: ${message}\n`);
  process.exit(1);
}

function traitsOf(t) {
  if (t && typeof t === "object") return t;
  const out = {};
  traitBits.forEach((name, bit) => {
    if (((t | 0) >> bit) & 1) out[name] = 1;
  });
  return out;
}

// scalar names the kind of a schema number.
function scalar(code) {
  if (code & 64) return { kind: "list", of: scalar(code & ~64) };
  if (code & 128) return { kind: "map", of: scalar(code & ~128) };
  switch (code) {
    case 0: return { kind: "string" };
    case 1: return { kind: "number" };
    case 2: return { kind: "boolean" };
    case 17: return { kind: "long" };
    case 21: case 42: return { kind: "blob" };
    case 4: return { kind: "timestamp" };
    case 5: case 6: case 7: return { kind: "timestamp", timestampFormat: timeFormats[code] };
    default: return fail(`unknown schema number ${code}`);
  }
}

// target turns the target of a member into a reference, and remembers its shape.
function target(t) {
  if (Array.isArray(t) && t.length === 2) {
    return { ...target(t[0]), ...memberTraits(traitsOf(t[1])) };
  }
  if (typeof t === "function") return target(t());
  if (typeof t === "number") return scalar(t);
  if (Array.isArray(t)) return { shape: shape(t) };
  return fail(`unknown target ${JSON.stringify(t)}`);
}

function memberTraits(traits) {
  const out = {};
  for (const [name, value] of Object.entries(traits)) {
    switch (name) {
      case "httpLabel": out.location = "uri"; break;
      case "httpQuery": out.location = "querystring"; out.locationName = value; break;
      case "httpQueryParams": out.location = "querystring"; break;
      case "httpHeader": out.location = "header"; out.locationName = value; break;
      case "httpPrefixHeaders": out.location = "headers"; out.locationName = value; break;
      case "httpResponseCode": out.location = "statusCode"; break;
      case "httpPayload": out.payload = true; break;
      case "idempotencyToken": out.idempotencyToken = true; break;
      case "sensitive": out.sensitive = true; break;
      case "xmlFlattened": out.flattened = true; break;
      case "xmlName": case "jsonName": out.locationName = value; break;
      case "idempotent": case "mediaType": break;
      default: fail(`unknown trait ${name} of a member`);
    }
  }
  return out;
}

// shape records a schema under its name and returns the name.
function shape(s) {
  const [kind, , name, t] = s;
  if (shapes[name]) return name;
  const traits = traitsOf(t);
  const out = (shapes[name] = {});
  if (traits.sensitive) out.sensitive = true;
  switch (kind) {
    case 0:
      Object.assign(out, scalar(s[4]));
      out.type = out.kind;
      delete out.kind;
      break;
    case 1:
      out.type = "list";
      out.member = target(s[4]);
      if (traits.xmlFlattened) out.flattened = true;
      break;
    case 2:
      out.type = "map";
      out.key = target(s[4]);
      out.value = target(s[5]);
      break;
    case 3: case 4: case -3:
      structure(out, s, traits);
      break;
    default:
      fail(`unknown kind ${kind} of ${name}`);
  }
  return name;
}

function structure(out, [kind, , , , names, targets, required], traits) {
  out.type = "structure";
  if (kind === 4) out.union = true;
  out.required = names.slice(0, required ?? 0);
  out.members = {};
  names.forEach((name, i) => {
    const ref = target(targets[i]);
    if (ref.payload) out.payload = name;
    delete ref.payload;
    out.members[name] = ref;
  });
  if (kind !== -3) return;
  out.exception = true;
  if (traits.error === "server") out.fault = true;
  const [code, status] = traits.awsQueryError ?? [];
  if (code || traits.httpError) {
    out.error = {};
    if (code) out.error.code = code;
    out.error.httpStatusCode = traits.httpError ?? status;
  }
}

// thrown reads the errors of an operation out of the declarations: the schemas do not
// have them.
function thrown(folder, name) {
  const text = readFileSync(join(folder, "dist-types", "commands", `${name}Command.d.ts`), "utf8");
  return [...text.matchAll(/@throws \{@link (\w+)\} \((client|server) fault\)/g)].map((m) => ({ shape: m[1] }));
}

// isUnsigned asks the client which ways of signing the operation has.
function isUnsigned(config, operation) {
  const schemes = config.httpAuthSchemeProvider({ operation, region: "us-east-1", Region: "us-east-1" });
  return !schemes.some((s) => s.schemeId === "aws.auth#sigv4");
}

function main(name) {
  const client = require(name);
  const folder = join(dirname(require.resolve(`${name}/package.json`)));
  const clientClass = Object.keys(client).find((k) => /Client$/.test(k) && k !== "__Client" && client[k]?.name === k);
  const { config } = new client[clientClass]({ region: "us-east-1" });
  const out = { client: { name, version: require(`${name}/package.json`).version }, operations: {}, shapes, enums: {} };

  const reference = (t) => {
    const s = typeof t === "function" ? t() : t;
    return s === "unit" ? undefined : { shape: shape(s) };
  };
  for (const key of Object.keys(client).sort()) {
    const value = client[key];
    if (key.endsWith("$") && Array.isArray(value)) {
      const [kind, ns, opName, t] = value;
      if (kind === 9) {
        const http = traitsOf(t).http;
        out.operations[opName] = {
          input: reference(value[4]),
          output: reference(value[5]),
          errors: thrown(folder, opName),
          authtype: isUnsigned(config, opName) ? "none" : undefined,
          http: http ? { method: http[0], requestUri: http[1], responseCode: http[2] } : undefined,
        };
      } else if (kind === -3 && !ns.startsWith("smithy.ts.sdk.synthetic")) {
        shape(value);
      }
    } else if (value && typeof value === "object" && !Array.isArray(value)) {
      const values = Object.values(value);
      if (values.length > 0 && values.every((v) => typeof v === "string")) out.enums[key] = values;
    }
  }
  if (readdirSync(join(folder, "dist-es", "schemas")).length !== 1) fail(`${name} has more than one file of schemas`);
  process.stdout.write(JSON.stringify(out, null, 1) + "\n");
}

if (process.argv.length !== 3) fail("usage: node dump.mjs @aws-sdk/client-<service>");
main(process.argv[2]);
