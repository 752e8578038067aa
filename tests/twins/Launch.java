/** Runs one of Gerrit's programs by name: the jars of Maven's hold them all, but no main class. */
public class Launch {
  public static void main(String[] words) throws Exception {
    Object program =
        Class.forName("com.google.gerrit.pgm." + words[0]).getDeclaredConstructor().newInstance();
    String[] rest = java.util.Arrays.copyOfRange(words, 1, words.length);
    int code =
        (Integer) program.getClass().getMethod("main", String[].class).invoke(program, (Object) rest);
    if (code != 0 || words[0].equals("Init")) {
      System.exit(code);
    }
  }
}
