import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.RuleId;

/** Usage: VeraPdfWitness [-f 3a,3b,ua1] FILE...  Exit 0: all compliant, 1: some not, 2: some unreadable. */
public final class VeraPdfWitness {
    public static void main(String[] args) throws Exception {
        Logger.getLogger("").setLevel(Level.OFF);
        List<PDFAFlavour> flavours = new ArrayList<>();
        List<File> files = new ArrayList<>();
        String wanted = "3a,3b,ua1";
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("-f")) wanted = args[++i]; else files.add(new File(args[i]));
        }
        for (String id : wanted.split(",")) {
            PDFAFlavour flavour = PDFAFlavour.byFlavourId(id);
            if (flavour == PDFAFlavour.NO_FLAVOUR) throw new IllegalArgumentException("unknown flavour " + id);
            flavours.add(flavour);
        }
        VeraGreenfieldFoundryProvider.initialise();
        ObjectMapper json = new ObjectMapper();
        int exit = 0;
        for (File file : files) {
            for (PDFAFlavour flavour : flavours) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("file", file.getPath());
                row.put("flavour", flavour.getId());
                exit = Math.max(exit, check(file, flavour, row));
                System.out.println(json.writeValueAsString(row));
            }
        }
        System.exit(exit);
    }

    private static int check(File file, PDFAFlavour flavour, Map<String, Object> row) {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour);
             PDFAValidator validator = Foundries.defaultInstance()
                     .createValidator(flavour, 10, false, true, false)) {
            ValidationResult result = validator.validate(parser);
            row.put("compliant", result.isCompliant());
            row.put("job", result.getJobEndStatus().toString());
            row.put("checks", result.getTotalAssertions());
            List<Map<String, Object>> failed = new ArrayList<>();
            for (Map.Entry<RuleId, Integer> entry : result.getFailedChecks().entrySet()) {
                RuleId id = entry.getKey();
                Map<String, Object> rule = new LinkedHashMap<>();
                rule.put("specification", id.getSpecification().getId());
                rule.put("clause", id.getClause());
                rule.put("test", id.getTestNumber());
                rule.put("count", entry.getValue());
                rule.put("description", result.getValidationProfile().getRuleByRuleId(id).getDescription());
                for (TestAssertion a : result.getTestAssertions()) {
                    if (a.getRuleId().equals(id) && a.getStatus() == TestAssertion.Status.FAILED) {
                        rule.put("message", a.getErrorMessage());
                        rule.put("context", a.getLocation().getContext());
                        break;
                    }
                }
                failed.add(rule);
            }
            row.put("failed", failed);
            return result.isCompliant() ? 0 : 1;
        } catch (Exception e) {
            row.put("compliant", false);
            row.put("error", e.getClass().getSimpleName() + ": " + e.getMessage());
            return 2;
        }
    }
}
