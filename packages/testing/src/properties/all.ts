import { containerOrder, ephemeralContainers, initContainers, moreContainers } from './containers.js'
import { decidesValid, enginesAgree, neverThrows, repeatable } from './deciding.js'
import { incompleteInventory } from './inventories.js'
import { exemptions, parameterSchema, parameterTexts } from './parameters.js'
import type { Property } from './property.js'
import { deletion, finalizerRemoval, updates } from './requests.js'
import { climbingPaths, containerOverPod, terminating } from './running-pods.js'
import { lookAlikes, quantitySpellings } from './spelling.js'
import { nulls, unknownFields, unreadLabels, unreadMetadata } from './unread.js'
import { fixes, messages, places } from './violations.js'
import { lists, workloadKinds } from './workloads.js'

/** What has to hold for any policy. */
export const properties: readonly Property[] = [
  neverThrows,
  decidesValid,
  enginesAgree,
  repeatable,
  containerOrder,
  moreContainers,
  initContainers,
  ephemeralContainers,
  containerOverPod,
  workloadKinds,
  lists,
  updates,
  deletion,
  finalizerRemoval,
  terminating,
  unreadMetadata,
  unreadLabels,
  unknownFields,
  nulls,
  quantitySpellings,
  lookAlikes,
  climbingPaths,
  parameterSchema,
  parameterTexts,
  exemptions,
  incompleteInventory,
  fixes,
  places,
  messages,
]
