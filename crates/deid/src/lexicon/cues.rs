//! Words that announce or end an identifier, by kind.

use super::Flags;

/// Small letters, blanks between words.
pub(super) const CUES: &[(Flags, &str)] = &[
    (
        Flags::MONTH,
        "january february march april may june july august september october november december \
         jan feb mar apr jun jul aug sep sept oct nov dec",
    ),
    (
        Flags::WEEKDAY,
        "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun",
    ),
    (
        Flags::TITLE,
        "mr mrs ms miss mx dr doctor prof professor rev reverend fr sir madam mister missus hon judge sgt \
         sergeant capt captain lt lieutenant col colonel officer detective pastor rabbi imam senor senora sra \
         herr frau monsieur madame dame lord",
    ),
    (
        Flags::CREDENTIAL,
        "md do rn np pa phd pharmd dnp crna lpn lvn cnm dds dmd dpm od facs facp faap msn bsn aprn fnp arnp \
         lcsw msw psyd mbbs frcs frcp mrcp dpt pt ot slp rd ccc rdn cna emt ma lmft lpc ldn cde mph fache \
         esq",
    ),
    (
        Flags::ROLE,
        "mother father mom dad husband wife spouse partner son daughter sister brother aunt uncle niece nephew \
         cousin grandmother grandfather grandma grandpa grandson granddaughter fiance fiancee girlfriend \
         boyfriend caregiver guardian friend neighbor roommate nurse physician surgeon therapist pharmacist \
         hospitalist cardiologist neurologist oncologist pediatrician psychiatrist radiologist resident intern \
         paramedic medic interpreter midwife dietitian coworker boss teacher client patient pt stepmother \
         stepfather stepson stepdaughter",
    ),
    (
        Flags::NAME_LABEL,
        "name names patient pt attending provider physician surgeon pcp re regarding referring consultant \
         resident dictated signed author nurse rn by client member subscriber guarantor mother father spouse \
         husband wife contact cc from to attn attention surname lastname firstname given family nok kin \
         beneficiary insured caregiver guardian emergency requested ordered prescriber prescribing examiner \
         anesthesiologist assistant interpreter witness proxy hcp poa sender recipient technician tech \
         radiologist pathologist cosigned verified performed reviewed therapist clinician parent employee user \
         applicant",
    ),
    (
        Flags::STREET,
        "street st avenue ave road rd drive dr lane ln boulevard blvd court ct place pl way terrace ter circle \
         cir highway hwy parkway pkwy square sq trail trl plaza alley loop crescent close row walk turnpike \
         pike expressway broadway crossing ridge heights hills creek manor path run",
    ),
    (
        Flags::STREET_ABROAD,
        "rue via calle avenida rua ul ulica ulitsa strasse weg platz allee laan straat gata gatan vagen vej gade \
         katu tie avda camino carrera viale piazza chemin impasse quai utca ut boulevard plac aleja",
    ),
    (
        Flags::STATE,
        "alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho \
         illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota \
         mississippi missouri montana nebraska nevada new ohio oklahoma oregon pennsylvania rhode south north \
         tennessee texas utah vermont virginia washington west wisconsin wyoming ontario quebec alberta",
    ),
    (
        Flags::STATE_CODE,
        "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh \
         ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr vi gu as mp aa ae ap on qc bc ab mb sk ns nb",
    ),
    (
        Flags::FACILITY,
        "hospital hospitals clinic clinics hospice infirmary sanatorium sanitarium polyclinic healthcare \
         medical health rehabilitation rehab nursing pharmacy pediatrics cardiology oncology orthopedics dental \
         dermatology urology center centre institute associates university college school church shelter manor \
         home village estates villa lodge residence academy surgicenter radiology imaging laboratories laboratory care",
    ),
    (
        Flags::LABEL,
        "mrn mr medical med record chart patient pt ssn ss social account acct acc member subscriber policy \
         group health plan insurance medicare medicaid mbi hic hicn beneficiary license licence lic dl driver \
         drivers driving passport dea npi certificate cert vin plate license tag vehicle serial sn device udi \
         imei mac implant lot case encounter visit csn fin har accession specimen study subject participant \
         user username login employee badge id ids identifier number phone tel telephone cell mobile fax pager \
         pgr contact zip zipcode postal postcode card credit debit iban routing bank claim authorization auth \
         prior order rx prescription confirmation reference ref invoice billing guarantor hospital unit uhid \
         nhs tax itin ein payer rxbin rxgrp pcn sample barcode room bed ticket job tracking registration registry \
         handle student file control document model pacemaker pump generator",
    ),
    (
        Flags::PARTICLE,
        "van von der den de del della di da dos das du la le el al bin ibn bint ten ter zu af av san st abu ben \
         y e o mac mc los las",
    ),
    (
        Flags::DISEASE,
        "disease diseases syndrome syndromes sign signs palsy disorder tumor tumour lymphoma sarcoma contracture \
         maneuver manoeuvre test scale score scores criteria classification grade reflex reflexes catheter \
         procedure operation repair fracture hernia esophagus oesophagus phenomenon chorea ataxia dystrophy \
         anemia thyroiditis ulcer nodes node bodies body cells cell lesion law triad point ligament duct canal \
         gland glands tube tubes membrane area stain agar culture solution clamp forceps drain retractor \
         prosthesis stage staging index rule rules protocol method position angle line lines block type \
         deficiency deformity encephalopathy psychosis amyloidosis vaccine virus nodule nodules cyst cysts \
         pouch loop muscle tendon tendonitis nerve lobe sinus valve graft shunt plate screw nail rod brace \
         splint collar wound dressing boot tremor dementia factor granulomatosis arteritis purpura glomerulus \
         space fossa foramen sulcus fissure diverticulum sponge exercises fever formula equation procedure \
         technique approach incision stroke murmur respirations respiration respiratory breathing facies gait \
         pupil pupils spot spots ring rings antigen titer lines crystal hiatus cast nomogram sphincter ampulla",
    ),
    (
        Flags::PLACE_CUE,
        "in from near at to lives living resides residing born moved visiting traveled travelled trip travel of \
         outside around through via visited live reside leaving toward",
    ),
    (
        Flags::DATE_CUE,
        "on since from until till by before after dated date through thru between of in to starting started \
         began dos dob admitted discharged seen due around as for effective last next this during late early \
         mid and scheduled visit was every",
    ),
    (Flags::GREETING, "dear hi hello hey thanks sincerely regards greetings"),
    (Flags::AGE, "year years yr yrs yo y old"),
    (Flags::SUFFIX, "jr sr ii iii iv"),
    (
        Flags::SEASON,
        "spring summer autumn fall winter christmas thanksgiving easter halloween hanukkah ramadan",
    ),
    (Flags::OLD, "ninety nonagenarian centenarian supercentenarian"),
    (
        Flags::SPEECH,
        "said says states stated reports reported denies denied complains complained presents presented asked \
         asks told tells called calls lives lived wants wanted needs needed has had is was will would went came \
         came works worked feels felt takes took notes noted underwent returned returns arrived appears \
         appeared remains agrees agreed understands understood continues continued does did can could should \
         and who am m named",
    ),
    (
        Flags::NATION,
        "american african asian european caucasian hispanic latino latina english spanish french german italian \
         chinese japanese korean vietnamese russian polish portuguese arabic indian mexican canadian british \
         irish scottish greek turkish jewish christian muslim catholic native indonesia india china japan korea \
         mexico canada brazil france germany italy spain russia england britain ireland scotland greece turkey \
         australia israel egypt africa asia europe america iraq iran vietnam poland portugal ukraine usa uk us \
         states kingdom zealand cuba puerto dominican philippines filipino guatemala colombia peru chile \
         argentina haiti jamaica nigeria ethiopia somalia kenya ghana pakistan bangladesh nepal afghanistan syria \
         lebanon jordan sweden swedish norway norwegian denmark danish finland finnish netherlands dutch belgium \
         belgian austria austrian switzerland swiss hungary hungarian romania romanian czech slovak slovenia \
         slovenian croatia serbia bulgaria latin pacific atlantic",
    ),
];
