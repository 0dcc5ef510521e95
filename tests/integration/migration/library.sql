-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
-- A small schema as mysqldump writes it, with the account that defines its code; whoever loads it chooses the schema.
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;
SET @@SESSION.SQL_LOG_BIN= 0;
SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '0d586fde-7c73-11e8-a890-525400486aa0:1-5,
3e11fa47-71ca-11e1-9e33-c80aa9429562:1-77';

CREATE USER 'librarian'@'%' IDENTIFIED BY 'Qx7-not-a-secret';
GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE, TRIGGER, EVENT ON *.* TO 'librarian'@'%';

DROP TABLE IF EXISTS `author`;
CREATE TABLE `author` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(80) COLLATE utf8mb4_0900_ai_ci NOT NULL,
  `born` date DEFAULT NULL,
  `signature` varchar(40) CHARACTER SET latin1 COLLATE latin1_german2_ci DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `by_name` (`name`)
) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
LOCK TABLES `author` WRITE;
INSERT INTO `author` VALUES (1,'Selma Lagerlöf','1858-11-20','Größe'),(2,'村上 春樹','1949-01-12',NULL),(3,'O\'Brien; \"Flann\"',NULL,''),(4,'🦊 utf8mb4_0900_ai_ci',NULL,'a\\b');
UNLOCK TABLES;

DROP TABLE IF EXISTS `book`;
CREATE TABLE `book` (
  `isbn` char(13) NOT NULL,
  `author_id` int unsigned NOT NULL,
  `title` varchar(200) NOT NULL,
  `price` decimal(9,2) NOT NULL DEFAULT '0.00',
  `gross` decimal(11,4) GENERATED ALWAYS AS ((`price` * 1.19)) STORED,
  `added` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  `cover` blob,
  `state` enum('in','out','lost') NOT NULL DEFAULT 'in',
  PRIMARY KEY (`isbn`),
  KEY `by_author` (`author_id`),
  FULLTEXT KEY `words` (`title`),
  CONSTRAINT `written_by` FOREIGN KEY (`author_id`) REFERENCES `author` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
LOCK TABLES `book` WRITE;
INSERT INTO `book` (`isbn`, `author_id`, `title`, `price`, `added`, `cover`, `state`) VALUES ('9780000000001',1,'Gösta Berlings saga',12.50,'2024-03-31 01:30:00',0x00FF27225C0A,'in'),('9780000000002',2,'海辺のカフカ',0.01,'2024-10-27 00:30:00',NULL,'out'),('9780000000003',3,'At Swim -- Two Birds',999999.99,'1970-01-02 00:00:01','','lost');
UNLOCK TABLES;

DROP TABLE IF EXISTS `loan`;
CREATE TABLE `loan` (
  `isbn` char(13) NOT NULL,
  `day` date NOT NULL,
  `seconds` bigint DEFAULT NULL,
  PRIMARY KEY (`isbn`,`day`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;

DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`librarian`@`%`*/ /*!50003 TRIGGER `lent` AFTER UPDATE ON `book` FOR EACH ROW
BEGIN
  IF NEW.state = 'out' AND OLD.state <> 'out' THEN
    INSERT IGNORE INTO loan VALUES (NEW.isbn, CURRENT_DATE, 0);
  END IF;
END */;;
CREATE DEFINER=`librarian`@`%` FUNCTION `books_of`(who INT UNSIGNED) RETURNS int
    READS SQL DATA
    COMMENT 'how many; "quoted"'
BEGIN
  RETURN (SELECT COUNT(*) FROM book WHERE author_id = who);
END ;;
CREATE DEFINER=`librarian`@`%` PROCEDURE `lend`(IN which CHAR(13))
    SQL SECURITY INVOKER
BEGIN
  UPDATE book SET state = 'out' WHERE isbn = which;
END ;;
/*!50106 CREATE*/ /*!50117 DEFINER=`librarian`@`%`*/ /*!50106 EVENT `forget` ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 03:00:00' ON COMPLETION NOT PRESERVE ENABLE DO DELETE FROM loan WHERE day < CURRENT_DATE - INTERVAL 10 YEAR */ ;;
DELIMITER ;

/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`librarian`@`%` SQL SECURITY DEFINER */
/*!50001 VIEW `shelf` AS select `a`.`name` AS `name`,`b`.`title` AS `title`,`books_of`(`a`.`id`) AS `books` from (`author` `a` join `book` `b` on((`b`.`author_id` = `a`.`id`))) */;

SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
