/** The one table of what each dialect can be asked: by the words of the API, and by what single models and providers lack. */
import type { Dialect } from '#core/domain/chat.ts'
import { allFeatures, commonFeatures, featureSet, hasFeature } from '#core/domain/feature.ts'
import type { Feature, FeatureSet } from '#core/domain/feature.ts'
import { exceptions } from '#core/domain/support-exceptions.ts'
import { messageSupport } from '#core/domain/support-of-messages.ts'
import { settingSupport } from '#core/domain/support-of-settings.ts'
import type { FeatureRow, Support } from '#core/domain/support.ts'
import type { Target } from '#core/domain/target.ts'

/** Every feature with its outcome at each target. A feature without a row does not compile. */
export const featureTable: Readonly<Record<Feature, FeatureRow>> = { ...messageSupport, ...settingSupport }

/** What a target refuses and passes over, worked out once for each. */
interface TargetSupport {
  /** Of a question that is translated for it. */
  readonly refused: FeatureSet
  /** Of a question that came in its own dialect, and is passed through as it is. */
  readonly refusedNatively: FeatureSet
  readonly passedOver: FeatureSet
  readonly passedOverNatively: FeatureSet
}

const supportOf = new WeakMap<Target, TargetSupport>()

/** The features that keep this target from being asked. `isNative`: the question came in the target's own dialect. */
export function refusedBy(target: Target, isNative: boolean): FeatureSet {
  const support = supportAt(target)
  return isNative ? support.refusedNatively : support.refused
}

/** The features that are left out of a question for this target. */
export function passedOverBy(target: Target, isNative: boolean): FeatureSet {
  const support = supportAt(target)
  return isNative ? support.passedOverNatively : support.passedOver
}

/** The names under which it is told what is left out of a question: see the reference, "Translation". */
export function namesOfPassedOver(
  target: Target,
  passedOver: FeatureSet,
  used: FeatureSet,
): readonly string[] {
  const names = new Set<string>()
  for (const feature of commonFeatures(passedOver, used)) {
    const support = supportFor(target, feature)
    if (support.outcome === 'passed-over') names.add(support.named)
  }
  return [...names]
}

/** What becomes of a feature at this very target, its own lacks and gifts counted in. */
export function supportFor(target: Target, feature: Feature): Support {
  return exceptionFor(target, feature)?.support ?? featureTable[feature].targets[target.provider.dialect]
}

/** Plain words for features, for errors: `stop sequences, a seed`. */
export function wordsFor(features: readonly Feature[]): string {
  return features.map((feature) => featureTable[feature].words).join(', ')
}

/** Where the called API says the first of these features that it can say. */
export function paramFor(features: readonly Feature[], door: Dialect | undefined): string | undefined {
  if (door === undefined) return undefined
  for (const feature of features) {
    const param = featureTable[feature].params?.[door]
    if (param !== undefined) return param
  }
  return undefined
}

function supportAt(target: Target): TargetSupport {
  const known = supportOf.get(target)
  if (known) return known
  const outcomes = new Map(allFeatures.map((feature) => [feature, supportFor(target, feature)]))
  const those = (outcome: Support['outcome']) =>
    featureSet(allFeatures.filter((feature) => outcomes.get(feature)?.outcome === outcome))
  const natively = (set: FeatureSet) =>
    featureSet(
      allFeatures.filter(
        (feature) =>
          hasFeature(set, feature) &&
          (isOfAnother(feature) || exceptionFor(target, feature)?.isNativeToo === true),
      ),
    )
  const refused = those('refused')
  const passedOver = those('passed-over')
  const support = {
    refused,
    refusedNatively: natively(refused),
    passedOver,
    passedOverNatively: natively(passedOver),
  }
  supportOf.set(target, support)
  return support
}

/** What another provider gave never passes through, whichever API it travelled in. */
const isOfAnother = (feature: Feature) => /^(?:thinking|past_items)_of_/.test(feature)

/** The last exception that fits decides. */
function exceptionFor(target: Target, feature: Feature) {
  return exceptions.findLast(
    (exception) => exception.features.includes(feature) && exception.holdsFor(target),
  )
}
