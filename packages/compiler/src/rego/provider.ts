import type { CheckedPolicy } from '@gatewright/core'
import { policyDigest } from '../digest.js'
import { metadata, sealed } from './metadata.js'
import { packageSteps } from './names.js'
import { RegoUnsupported } from './unsupported.js'

/** What of a request decides; the rest, such as its uid, would make a request of its own of each that is the same. */
const deciding = [
  'dryRun',
  'name',
  'namespace',
  'object',
  'oldObject',
  'operation',
  'subResource',
  'userInfo',
]

/**
 * A module for a template of Gatekeeper that judges nothing by itself and asks an external-data provider, with the policy's id, the
 * parameters and the review as the key. What the provider does not answer, or answers with an error, is a violation.
 */
export function emitProviderRego(ir: CheckedPolicy, provider: string): string {
  const steps = packageSteps(ir.id)
  if (steps === undefined)
    throw new RegoUnsupported(
      undefined,
      `its id \`${ir.id}\` names no package`,
      'an id has lower-case letters, digits and `-`, with `/` between',
    )
  return sealed(`${metadata(ir)}
package ${['gatewright', ...steps].join('.')}

violation contains found if some found in answer.violations

violation contains found if {
	not answer
	found := {
		"details": {"at": [], "code": "provider-failed", "verdict": "error"},
		"msg": sprintf("${ir.id} could not be judged: %s", [failure]),
	}
}

answer := value if {
	response.system_error == ""
	some [asked, value] in response.responses
	asked == key
	is_array(value.violations)
}

response := external_data({"keys": [key], "provider": ${JSON.stringify(provider)}})

# key has on a line what is judged by, and on a line what is judged. Gatekeeper keeps answers by it for a while.
key := concat("\\n", [
	json.marshal({
		"admitted": object.get(input.review, "uid", "") != "",
		"digest": ${JSON.stringify(policyDigest(ir))},
		"format": 1,
		"parameters": object.get(input, "parameters", {}),
		"policy": ${JSON.stringify(ir.id)},
	}),
	json.marshal({"review": object.filter(input.review, deciding)}),
])

deciding := ${JSON.stringify(deciding).replaceAll(',', ', ')}

default failure := "the provider did not answer"

failure := response.system_error if response.system_error != ""

else := error if some [_, error] in response.errors
`)
}
